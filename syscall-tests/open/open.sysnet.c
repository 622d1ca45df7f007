// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: the devices of a network in /sys/class/net, as of lo and of a device that was made, in a network namespace and a mount of its own
#include "../harness/networks.h"

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

// Those that the kernel's build and the driver decide about are left out.
static const char *const files[] = {"addr_len", "address", "broadcast", "carrier", "carrier_changes", "carrier_down_count", "carrier_up_count", "dormant",
				    "flags", "ifalias", "ifindex", "iflink", "link_mode", "mtu", "netdev_group", "operstate", "proto_down",
				    "testing", "tx_queue_len", "type", "uevent", "statistics/rx_packets", "statistics/tx_bytes", "statistics/rx_nohandler"};

static const char *content(const char *path) {
	static char b[512];
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return errno_name(errno);
	long n = read(fd, b, sizeof b - 1);
	int err = errno;
	close(fd);
	if (n < 0)
		return errno_name(err);
	b[n] = 0;
	for (char *p = b; *p; p++)
		if (*p == '\n')
			*p = '|';
	return b;
}

static void observe_device(const char *when, const char *device) {
	char link[256] = "";
	REQUIRE_OK(readlink(name("/sys/class/net/%s", device), link, sizeof link - 1));
	OBSERVE(name("%s: %s", when, device), "%s", link);
	for (size_t i = 0; i < COUNT(files); i++) {
		const char *path = name("/sys/class/net/%s/%s", device, files[i]);
		struct stat st;
		OBSERVE(name("%s: %s/%s", when, device, files[i]), "%s", content(path));
		REQUIRE_OK(stat(path, &st));
		OBSERVE(name("%s: mode of %s/%s", when, device, files[i]), "%#o %d %d, %d bytes", strcmp(files[i], "uevent") ? st.st_mode : 0, (int)st.st_uid, (int)st.st_gid, (int)st.st_size);
	}
	memset(link, 0, sizeof link);
	REQUIRE_OK(readlink(name("/sys/class/net/%s/subsystem", device), link, sizeof link - 1));
	OBSERVE(name("%s: subsystem of %s", when, device), "%s", link);
}

// The names in a directory, in order.
static const char *names_in(const char *path) {
	static char text[512];
	struct dirent **list;
	text[0] = 0;
	int n = scandir(path, &list, NULL, alphasort);
	for (int i = 0; i < n; i++)
		if (list[i]->d_name[0] != '.')
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", list[i]->d_name);
	return text;
}

static void own_sys(void) {
	REQUIRE_OK(unshare(CLONE_NEWNET | CLONE_NEWNS));
	REQUIRE_OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(mount("sysfs", "/sys", "sysfs", 0, NULL));
}

CASE(network_devices, "root cap:21") {
	own_sys();
	OBSERVE("names", "%s", names_in("/sys/class/net"));
	OBSERVE("virtual ones", "%s", names_in("/sys/devices/virtual/net"));
	observe_device("down", "lo");
	REQUIRE_OK(device_up("lo"));
	observe_device("up", "lo");
	OBSERVE("of none", "%s", content("/sys/class/net/none/mtu"));
	OBSERVE("no such file", "%s", content("/sys/class/net/lo/none"));
	OBSERVE_RET("mkdir", mkdir("/sys/class/net/x", 0755));
	OBSERVE_RET("unlink", unlink("/sys/class/net/lo"));
	OBSERVE_RET("rename", rename("/sys/class/net/lo", "/sys/class/net/x"));
	OBSERVE_RET("open for writing", open("/sys/class/net/lo/address", O_WRONLY) < 0 && errno == EACCES);
}

static const char *store(const char *file, const char *text) {
	int fd = open(name("/sys/class/net/lo/%s", file), O_WRONLY);
	if (fd < 0)
		return name("open: %s", errno_name(errno));
	long n = write(fd, text, strlen(text));
	const char *r = n < 0 ? errno_name(errno) : name("%ld", n);
	close(fd);
	return r;
}

CASE(network_devices_set, "root cap:21") {
	static const char *const values[] = {"1500", "1400\n", "0x500", "077", "", "x", "15 00", "-1", "99999999999", "18446744073709551616", "1300\n\n"};
	own_sys();
	for (size_t i = 0; i < COUNT(values); i++) {
		OBSERVE(name("mtu %d", (int)i), "%s", store("mtu", values[i]));
		OBSERVE(name("mtu %d then", (int)i), "%s", content("/sys/class/net/lo/mtu"));
		OBSERVE(name("length %d", (int)i), "%s", store("tx_queue_len", values[i]));
		OBSERVE(name("length %d then", (int)i), "%s", content("/sys/class/net/lo/tx_queue_len"));
		OBSERVE(name("group %d", (int)i), "%s", store("netdev_group", values[i]));
		OBSERVE(name("group %d then", (int)i), "%s", content("/sys/class/net/lo/netdev_group"));
	}
	static const char *const others[] = {"flags", "0x1009", "flags", "0x8", "ifalias", "name of mine\n", "ifalias", "\n", "proto_down", "1", "carrier", "0", "address", "x"};
	for (size_t i = 0; i < COUNT(others); i += 2) {
		OBSERVE(name("%d: %s", (int)i, others[i]), "%s", store(others[i], others[i + 1]));
		OBSERVE(name("%d: %s then", (int)i, others[i]), "%s", content(name("/sys/class/net/lo/%s", others[i])));
	}
	int fd = REQUIRE_OK(open("/sys/class/net/lo/mtu", O_WRONLY));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE("nobody", "%s", store("mtu", "1500"));
		OBSERVE_RET("nobody, opened by root", write(fd, "1500", 4));
	}
}
