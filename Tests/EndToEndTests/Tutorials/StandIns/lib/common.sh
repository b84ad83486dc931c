# What the stand-ins share. A stand-in does to the file system what the program it is named after does: the same places,
# the same manifests asked for, the same words when one is missing. What it downloads is made up, from the tables beside
# this file, and the same every time.

# fill KILOBYTES TEXT: so many bytes of a text, for whatever has a size and no meaning.
fill() { yes "$2" | head -c "$(($1 * 1024))"; }

# row TABLE NAME: the line of a package, or nothing.
row() { awk -v name="$2" '$1 == name { print; exit }' "/usr/share/stand-in/registry/$1"; }

# json FILE OBJECT: the names and values of an object of strings, in the layout that npm and its like write.
json() {
    awk -v object="\"$2\"" '
        !inside && $1 == object ":" { inside = 1; next }
        inside && $1 ~ /^}/ { exit }
        inside { gsub(/^ *"|",?$/, ""); sub(/": *"/, " "); print }' "$1"
}

# json_value FILE KEY: a string of the outermost object.
json_value() { sed -n 's/^  "'"$2"'": "\(.*\)",\{0,1\}$/\1/p' "$1" | head -n 1; }

# script FILE: an executable, from standard input.
script() { mkdir -p "${1%/*}"; cat > "$1"; chmod 755 "$1"; }
