"""Files beneath the roots that a policy grants: no link, race or odd name leads out of them."""
