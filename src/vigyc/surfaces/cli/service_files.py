"""From how a server is to be run to the file that runs it so: a unit of systemd, a Dockerfile, Compose, Kubernetes.

All of them run it as nobody in particular, with nothing to write to but its store, and end it by SIGTERM.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from pathlib import Path
from string import Template
from typing import Final

PORT: Final = 38821
_VERSION: Final[str] = importlib.import_module("vigyc").__version__
_PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"

_UNIT: Final = Template("""\
# Written by `vigyc service systemd`. Settings and policy: vigyc.toml in %E/$name. Tokens: made at the first start,
# in %S/$name/vigyc.db.tokens. A secret of a policy: LoadCredential=NAME:/where/it/is, read from the file %d/NAME.
[Unit]
Description=vigyc: reconcilers in tatara-lisp ($name)
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStart=$command serve --db %S/$name/vigyc.db --http 127.0.0.1:$port
WorkingDirectory=%E/$name
StateDirectory=$name
StateDirectoryMode=0700
ConfigurationDirectory=$name
Environment=VIGYC_CACHE_DIR=%S/$name/cache
Environment=VIGYC_CACHE_KEY_FILE=%S/$name/cache.key
WatchdogSec=30s
Restart=on-failure
RestartSec=2s
KillSignal=SIGTERM
KillMode=mixed
TimeoutStopSec=15s
UMask=0077

NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# What programs run by the effect `process` inherits this; those with a JIT (node, java) need a drop-in that says no.
MemoryDenyWriteExecute=yes
$system
[Install]
WantedBy=$target
""")

_SYSTEM: Final = Template("""\
DynamicUser=yes
ProtectSystem=strict
ProtectHome=$home
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
CapabilityBoundingSet=
AmbientCapabilities=
""")

_DOCKERFILE: Final = Template("""\
# Written by `vigyc service dockerfile`.
#   docker build -t vigyc .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -v vigyc:/data -p 127.0.0.1:$port:$port vigyc
FROM python:$python-slim AS build
RUN python -m venv /opt/vigyc && /opt/vigyc/bin/pip install --no-cache-dir "vigyc[all]==$version"

FROM python:$python-slim
COPY --from=build /opt/vigyc /opt/vigyc
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin vigyc \\
    && install -d -o vigyc -g vigyc -m 0700 /data
ENV PATH=/opt/vigyc/bin:$$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/data \\
    VIGYC_CACHE_DIR=/data/cache VIGYC_CACHE_KEY_FILE=/data/cache.key
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE $port
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \\
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:$port/livez', timeout=3)"]
ENTRYPOINT ["vigyc"]
CMD ["serve", "--db", "/data/vigyc.db", "--http", "0.0.0.0:$port"]
""")

_COMPOSE: Final = Template("""\
# Written by `vigyc service compose`; beside the Dockerfile of `vigyc service dockerfile`.
services:
  vigyc:
    build: .
    image: vigyc:$version
    command: ["serve", "--db", "/data/vigyc.db", "--http", "0.0.0.0:$port"]
    ports: ["127.0.0.1:$port:$port"]
    volumes: ["vigyc:/data"]
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
    stop_grace_period: 15s
volumes:
  vigyc: {}
""")

_KUBERNETES: Final = Template("""\
# Written by `vigyc service kubernetes`. One replica: of several on one store only one would tick.
apiVersion: v1
kind: Service
metadata:
  name: $name
spec:
  selector: {app: $name}
  ports: [{name: http, port: $port}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: $name
spec:
  serviceName: $name
  replicas: 1
  selector:
    matchLabels: {app: $name}
  template:
    metadata:
      labels: {app: $name}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 15
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: vigyc
          image: vigyc:$version
          args: ["serve", "--db", "/data/vigyc.db", "--http", "0.0.0.0:$port", "--allow-host", "$name"]
          ports: [{name: http, containerPort: $port}]
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          livenessProbe:
            httpGet: {path: /livez, port: http, httpHeaders: [{name: Host, value: localhost}]}
            periodSeconds: 10
          readinessProbe:
            httpGet: {path: /readyz, port: http, httpHeaders: [{name: Host, value: localhost}]}
            periodSeconds: 5
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - {name: tmp, emptyDir: {}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: 1Gi}}
""")


def unit(name: str, *, user: bool = False) -> str:
    """The unit `name`.service of systemd: of the machine, or of a user."""
    command = _command()
    home = "read-only" if any(command.startswith(place) for place in ("/home/", "/root/")) else "yes"
    return _UNIT.substitute(
        name=name, port=PORT, command=command, system="" if user else _SYSTEM.substitute(home=home),
        target="default.target" if user else "multi-user.target",
    )  # fmt: skip


def dockerfile() -> str:
    """A Dockerfile."""
    return _DOCKERFILE.substitute(python=_PYTHON, version=_VERSION, port=PORT)


def compose() -> str:
    """A file of Docker Compose."""
    return _COMPOSE.substitute(version=_VERSION, port=PORT)


def kubernetes(name: str) -> str:
    """The manifests of a StatefulSet and its Service, both called `name`."""
    return _KUBERNETES.substitute(name=name, version=_VERSION, port=PORT)


def _command() -> str:
    """What runs vigyc as it runs now."""
    script = Path(sys.executable).with_name("vigyc")
    words = [str(script)] if script.is_file() else [sys.executable, "-m", "vigyc"]
    return shlex.join(words).replace("%", "%%")
