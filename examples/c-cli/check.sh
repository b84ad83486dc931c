#!/bin/sh
# check.sh PROGRAM: does it reckon right?
set -u
program=$1
failed=0

expect() { # ANSWER ARGUMENT...
    want=$1
    shift
    got=$("$program" "$@" 2>/dev/null) || got="exit $?"
    if [ "$got" != "$want" ]; then
        echo "reckon $*: got $got, want $want" >&2
        failed=1
    fi
}

expect 14 '2 * (3 + 4)'
expect 512 '2 ^ 3 ^ 2'
expect -4 '-2 ^ 2'
expect 0x4ff -x '1 << 10 | 0xff'
expect 1 '7 % 3'
expect 5 'sqrt(3^2 + 4^2)'
expect 3.14159265358979 pi
expect 64 '256 >> 2'
expect 'exit 1' '1 / 0'
expect 'exit 1' '2 +'
expect 'exit 1' '1.5 | 1'
expect 'exit 1' 'root(2)'
expect 'exit 64'
[ $failed -eq 0 ] && echo 'reckon: all right'
exit $failed
