#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes many.gate, which includes 257 files, into the working folder.
i=0
while [ $i -le 256 ]; do
	echo "allow read;" >f$i.gate
	echo "include \"f$i.gate\";"
	i=$((i + 1))
done >many.gate
