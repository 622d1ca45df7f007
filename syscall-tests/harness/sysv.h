// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of System V IPC: the calls themselves, objects that go with the case, the kernel's structs in words,
// and every call with each permission.
#ifndef DITTO_HARNESS_SYSV_H
#define DITTO_HARNESS_SYSV_H

#include "harness.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

#define shmget_(k, s, f) syscall(SYS_shmget, (key_t)(k), (size_t)(s), (int)(f))
#define shmat_(i, a, f) syscall(SYS_shmat, (int)(i), (void *)(a), (int)(f))
#define shmdt_(a) syscall(SYS_shmdt, (void *)(a))
#define shmctl_(i, c, b) syscall(SYS_shmctl, (int)(i), (int)(c), (void *)(b))
#define semget_(k, n, f) syscall(SYS_semget, (key_t)(k), (int)(n), (int)(f))
#define semop_(i, o, n) syscall(SYS_semop, (int)(i), (void *)(o), (size_t)(n))
#define semtimedop_(i, o, n, t) syscall(SYS_semtimedop, (int)(i), (void *)(o), (size_t)(n), (void *)(t))
#define semctl_(i, n, c, a) syscall(SYS_semctl, (int)(i), (int)(n), (int)(c), (unsigned long)(a))
#define msgget_(k, f) syscall(SYS_msgget, (key_t)(k), (int)(f))
#define msgsnd_(i, p, s, f) syscall(SYS_msgsnd, (int)(i), (void *)(p), (size_t)(s), (int)(f))
#define msgrcv_(i, p, s, t, f) syscall(SYS_msgrcv, (int)(i), (void *)(p), (size_t)(s), (long)(t), (int)(f))
#define msgctl_(i, c, b) syscall(SYS_msgctl, (int)(i), (int)(c), (void *)(b))

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

// A key that nothing else in the case's ipc namespace has; a fresh one for each n.
static inline key_t key_of(int n) { return 0x0d170000 + (getpgrp() % 0xfff << 4) + n; }

struct message {
	long type;
	char text[8200];
};

// msg(type, "text"): a message in a ring of static buffers.
static inline struct message *msg(long type, const char *text) {
	static struct message ring[4];
	static int next;
	struct message *m = &ring[next++ % 4];
	m->type = type;
	strcpy(m->text, text);
	return m;
}

static inline struct sembuf *op(int num, int n, int flags) {
	static struct sembuf ring[8];
	static int next;
	struct sembuf *o = &ring[next++ % 8];
	*o = (struct sembuf){num, n, flags};
	return o;
}

// How old a time is, in words: "0", "now", "past".
static inline const char *when(time_t t) {
	time_t now = time(NULL);
	return t == 0 ? "0" : t > now + 1 || t < now - 60 ? "past" : "now";
}

static inline const char *perm_text(const struct ipc_perm *p) {
	return name("uid %d gid %d cuid %d cgid %d mode %o", p->uid, p->gid, p->cuid, p->cgid, p->mode);
}

static inline const char *shm_text(int id) {
	struct shmid_ds d;
	if (shmctl_(id, IPC_STAT, &d))
		return errno_name(errno);
	return name("%s size %zu attached %lu cpid %s lpid %s atime %s dtime %s ctime %s", perm_text(&d.shm_perm), d.shm_segsz, d.shm_nattch,
		pid_name(d.shm_cpid), pid_name(d.shm_lpid), when(d.shm_atime), when(d.shm_dtime), when(d.shm_ctime));
}

static inline const char *sem_text(int id) {
	struct semid_ds d;
	if (semctl_(id, 0, IPC_STAT, &d))
		return errno_name(errno);
	char *s = (char *)name("%s nsems %lu otime %s ctime %s:", perm_text(&d.sem_perm), d.sem_nsems, when(d.sem_otime), when(d.sem_ctime));
	for (unsigned long i = 0; i < d.sem_nsems && i < 4; i++)
		sprintf(s + strlen(s), " %ld", semctl_(id, i, GETVAL, 0));
	return s;
}

static inline const char *msg_text(int id) {
	struct msqid_ds d;
	if (msgctl_(id, IPC_STAT, &d))
		return errno_name(errno);
	return name("%s bytes %lu num %lu max %lu lspid %s lrpid %s stime %s rtime %s ctime %s", perm_text(&d.msg_perm), d.__msg_cbytes, d.msg_qnum,
		d.msg_qbytes, pid_name(d.msg_lspid), pid_name(d.msg_lrpid), when(d.msg_stime), when(d.msg_rtime), when(d.msg_ctime));
}

// for_each_access(f): f in a child that is the owner, a member of the group, or another, for modes that give only
// that class each of the eight permissions.
static inline void for_each_access(void (*f)(const char *who, int mode)) {
	static const char *const who[] = {"owner", "group", "other"};
	for (int w = 0; w < 3; w++)
		for (int bits = 0; bits < 8; bits++)
			f(who[w], bits << (6 - 3 * w));
}

// Makes the caller, who is root, the one that for_each_access speaks of: the object belongs to 1000:1000.
static inline void become(const char *who) {
	REQUIRE_OK(syscall(SYS_setgroups, 0, NULL));
	int gid = who[0] == 'o' && who[1] == 't' ? 2000 : 1000;
	REQUIRE_OK(syscall(SYS_setresgid, gid, gid, gid));
	int uid = who[0] == 'o' && who[1] == 'w' ? 1000 : 2000;
	REQUIRE_OK(syscall(SYS_setresuid, uid, uid, uid));
}

#endif
