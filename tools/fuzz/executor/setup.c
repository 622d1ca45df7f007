// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Where the executor works: namespaces, the file system under test, the capabilities that programs have.
//
//	executor [--isolate] [--tmpfs] [--overlay LOWER SCRATCH] [--prepare COUNT] DIRECTORY

#include "executor.h"

enum { NICE = 15 };

static void need(bool ok, const char *what) {
	if (ok)
		return;
	dprintf(fcntl(ERR_FD, F_GETFD) < 0 ? 2 : ERR_FD, "executor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void loopback_up(void) {
	struct ifreq r = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl(fd, SIOCSIFFLAGS, &r);
	close(fd);
}

// isolate gives this program the namespaces that a container has. It goes on as process 1 of them.
static void isolate(void) {
	need(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC) == 0, "unshare");
	int pid = fork();
	need(pid >= 0, "fork");
	if (pid > 0) {
		int status;
		signal(SIGINT, SIG_IGN);
		waitpid(pid, &status, 0);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	need(mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0, "making / private");
	need(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "") == 0, "mounting /proc");
	loopback_up();
}

// A tmpfs is thrown away with all that programs left there.
bool throw_away;

enum { FULL = 8 << 20 };

// fresh_directory makes another tmpfs the directory. It is as the other directories natively: without devices.
void fresh_directory(void) {
	static bool mounted;
	if (mounted)
		need(chdir("/") == 0 && umount2(directory, MNT_DETACH) == 0, "unmounting tmpfs");
	mounted = true;
	need(mount("tmpfs", directory, "tmpfs", MS_NODEV, "size=64m,mode=755") == 0, "mounting tmpfs");
	need(chdir(directory) == 0, directory);
}

// wants_directory tells that so much has been left in the directory that programs might find it full.
bool wants_directory(void) {
	struct statfs s;
	return statfs(".", &s) < 0 || (s.f_blocks - s.f_bfree) * s.f_bsize > FULL;
}

// read_only takes the right to write from all that is mounted; then the directory is given it back.
static void read_only(void) {
	struct mount_attr ro = {.attr_set = MOUNT_ATTR_RDONLY}, rw = {.attr_clr = MOUNT_ATTR_RDONLY, .attr_set = MOUNT_ATTR_NODEV};
	need(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &ro, sizeof ro) == 0, "making all read-only");
	if (!throw_away)
		need(syscall(SYS_mount_setattr, AT_FDCWD, directory, 0, &rw, sizeof rw) == 0, "making the directory writable");
}

// What a container's root has by default.
static const int kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP,
	CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_MKNOD, CAP_SETFCAP};

void drop_capabilities(void) {
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {0};
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		d[kept[i] / 32].effective |= 1u << kept[i] % 32;
	for (int cap = 0; cap < 64; cap++)
		if (!(d[cap / 32].effective >> cap % 32 & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	for (int i = 0; i < 2; i++)
		d[i].permitted = d[i].effective;
	need(syscall(SYS_capset, &h, d) == 0, "capset");
}

static void prepare(int count) {
	char dir[32];
	for (int i = 0; i < count; i++) {
		snprintf(dir, sizeof dir, "p%d", i);
		need(mkdir(dir, 0755) == 0 && chdir(dir) == 0, "preparing");
		make_template();
		need(chdir("..") == 0, "preparing");
	}
	exit(0);
}

static void mount_overlay(const char *lower, const char *scratch) {
	char options[1024], upper[512], work[512];
	snprintf(upper, sizeof upper, "%s/upper", scratch);
	snprintf(work, sizeof work, "%s/work", scratch);
	// What is written stays in memory, as in the sandbox.
	need(mount("tmpfs", scratch, "tmpfs", 0, "mode=755") == 0, "mounting tmpfs for the upper directory");
	need(mkdir(upper, 0755) == 0 && mkdir(work, 0755) == 0, "making the upper directory");
	snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=on", lower, upper, work);
	need(mount("overlay", directory, "overlay", 0, options) == 0, "mounting an overlay");
}

void set_up(int argc, char **argv) {
	bool alone = false, tmpfs = false;
	const char *lower = NULL, *scratch = NULL;
	int copies = 0;
	directory = argv[argc - 1];
	for (int i = 1; i < argc - 1; i++) {
		if (!strcmp(argv[i], "--isolate"))
			alone = true;
		else if (!strcmp(argv[i], "--tmpfs"))
			tmpfs = true;
		else if (!strcmp(argv[i], "--prepare") && i + 2 < argc)
			copies = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--overlay") && i + 3 < argc) {
			lower = argv[++i];
			scratch = argv[++i];
		}
	}
	umask(0);
	if (getpriority(PRIO_PROCESS, 0) < NICE) // the same on both sides
		setpriority(PRIO_PROCESS, 0, NICE);
	if (alone)
		isolate();
	throw_away = tmpfs;
	if (lower)
		mount_overlay(lower, scratch);
	else if (alone && !tmpfs)
		need(mount(directory, directory, "", MS_BIND, "") == 0, "binding the directory");
	need(chdir(directory) == 0, directory);
	if (copies)
		prepare(copies);
	if (alone)
		read_only();
}
