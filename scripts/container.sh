#!/bin/sh
# The first process of a container: puts the master key and the static files where Amparo looks, then steps aside.
set -eu

# A secret handed in by Compose keeps the owner it has on the host, and Amparo refuses a key that others may read.
# The copy lives in memory, and only our own user may read it.
if [ -r /run/secrets/master_key ]; then
    (umask 077 && cat /run/secrets/master_key >/run/amparo/master.key)
fi

# The state directory is a volume and outlives this image; the static files are the image's.
ln -sfn /srv/amparo/static "$AMPARO_VAR/static"

exec "$@"
