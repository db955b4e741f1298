#!/bin/bash
# journald.sh DIR CMD...: runs CMD with a real systemd-journald of its own (root, no systemd as PID 1 needed): a
# mount namespace with another /run; the journal's files stay in DIR for `journalctl -D DIR`.
set -eu
dir=$(mkdir -p "$1" && cd "$1" && pwd)
shift
exec unshare --mount --propagation private bash -euc '
	dir=$1
	shift
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p /run/systemd/journal /run/systemd/journald.conf.d
	id=$(cat /etc/machine-id 2>/dev/null || true)
	if [ ${#id} != 32 ]; then
		id=$(tr -d - </proc/sys/kernel/random/uuid)
		echo "$id" >/run/machine-id
		mount --bind /run/machine-id /etc/machine-id
	fi
	mkdir -p "/run/log/journal/$id"
	mount --bind "$dir" "/run/log/journal/$id"
	printf "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\n" \
		>/run/systemd/journald.conf.d/test.conf
	env -u NOTIFY_SOCKET SYSTEMD_LOG_TARGET=null /lib/systemd/systemd-journald &
	journald=$!
	for _ in $(seq 200); do
		[ -S /run/systemd/journal/socket ] && break
		sleep 0.05
	done
	status=0
	"$@" || status=$?
	kill -USR1 $journald # flush: what was sent before is in the files when it has ended
	kill $journald
	wait $journald || true
	exit $status
' journald.sh "$dir" "$@"
