# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

# A repository of one package, and an apt that knows no other.
chmod 755 $d
mkdir -p pkg/DEBIAN pkg/usr/share/ditto repo state/lists/partial cache/archives/partial etc/apt.conf.d etc/preferences.d got
printf 'Package: ditto-probe\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: a probe\n' >pkg/DEBIAN/control
head -c 500000 /dev/zero | tr '\0' y >pkg/usr/share/ditto/data
SOURCE_DATE_EPOCH=1 dpkg-deb --root-owner-group -b pkg repo/ditto-probe_1.0_all.deb >/dev/null
{
	cat pkg/DEBIAN/control
	echo "Filename: ./ditto-probe_1.0_all.deb"
	echo "Size: $(stat -c %s repo/*.deb)"
	echo "SHA256: $(sha256sum repo/*.deb | cut -d' ' -f1)"
} >repo/Packages
python3 -m http.server -b 127.0.0.1 -d repo $PORT >server.log 2>&1 & server=$!
until curl -sf http://127.0.0.1:$PORT/Packages >/dev/null; do kill -0 $server || { cat server.log; exit 1; }; sleep 0.05; done
echo "deb [trusted=yes] http://127.0.0.1:$PORT ./" >sources.list
touch state/status
apt="apt-get -q -o Dir::Etc=$d/etc -o Dir::Etc::SourceList=$d/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dir::State=$d/state
	-o Dir::State::Status=$d/state/status -o Dir::Cache=$d/cache -o APT::Sandbox::User=root -o Acquire::http::Proxy=false -o Acquire::Languages=none"
$apt update >update.log 2>&1
say update "$? $(ls state/lists | grep -c Packages)"
(cd got && $apt download ditto-probe >../download.log 2>&1)
say download $?
say 'what came' "$(cmp repo/*.deb got/*.deb && dpkg-deb -f got/*.deb Package)"
(cd got && $apt download ditto-none >../none.log 2>&1)
say 'no such package' $?
kill $server
wait $server
say 'exit status' $?
