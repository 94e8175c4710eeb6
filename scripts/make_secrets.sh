#!/bin/sh
# Makes the files that compose.yaml hands to its containers, in secrets/, once: nothing is ever overwritten.
# The folder is closed to other people of this machine; the files in it are readable, because the
# containers' users are not yours.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
cd secrets

key() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
keep() { # keep NAME TEXT
    if [ -e "$1" ]; then
        echo "secrets/$1 is already there and stays"
    else
        printf '%s\n' "$2" >"$1.new"
        chmod 444 "$1.new"
        mv "$1.new" "$1"
        echo "secrets/$1 made"
    fi
}

keep secret_key "$(key)$(key)"
keep master_key "key-$(head -c 4 /dev/urandom | od -An -tx1 | tr -d ' \n'):$(key)
index:$(key)"
keep database_password "$(key)"
keep database_url "postgres://amparo:$(cat database_password)@postgres:5432/amparo"
keep broker_password "$(key)"
keep broker_url "amqp://amparo:$(cat broker_password)@rabbitmq:5672/amparo"
keep rabbitmq.conf "default_user = amparo
default_pass = $(cat broker_password)
default_vhost = amparo"
echo "Keep a copy of secrets/master_key apart from this machine and from the database's backups:"
echo "without it nothing that was sealed can be read again, by anyone."
