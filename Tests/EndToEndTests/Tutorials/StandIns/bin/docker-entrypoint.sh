#!/bin/sh
# The entry point of node's images: a script of node's is given to node, anything else is run.
set -e
if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ]; then set -- node "$@"; fi
exec "$@"
