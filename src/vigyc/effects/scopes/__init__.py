"""What grants speak of: paths, hosts, programs, names; each says what it covers."""
