help >/dev/null; here=$PWD; (cd "$work" && sh "$here/parts/many.sh" && "$CALLGATE" check many.gate)
