# SPDX-License-Identifier: Apache-2.0
# What people do with many files, in $DIR: each line of the output is a name and the median nanoseconds of it.
set -e
cd "$DIR"

# timed NAME BEFORE COMMAND runs BEFORE without looking at the clock.
timed() {
	local all=() start end
	for round in 0 1 2 3; do
		eval "$2"
		start=${EPOCHREALTIME/./}
		eval "$3"
		end=${EPOCHREALTIME/./}
		[ $round = 0 ] || all+=($((end - start))) # the first fills the caches
	done
	printf '%s %s000\n' "$1" "$(printf '%s\n' "${all[@]}" | sort -n | sed -n 2p)"
}

for d in {1..200}; do
	mkdir -p tree/$d
	for f in {1..100}; do echo "file $f of directory $d" >tree/$d/$f; done
done
timed find-usr true 'find /usr >/dev/null'
timed du-usr true 'du -s /usr >/dev/null'
timed tar-20000 true 'tar -cf tree.tar tree'
timed untar-20000 'rm -rf out; mkdir out' 'tar -C out -xf tree.tar'
timed rm-20000 '[ -d out ] || { mkdir out; tar -C out -xf tree.tar; }' 'rm -rf out'
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@localhost GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@localhost
git -C tree init -q && git -C tree add . && git -C tree commit -qm all && git -C tree status >/dev/null
timed git-status true 'git -C tree status >/dev/null'
rm -rf tree tree.tar out
