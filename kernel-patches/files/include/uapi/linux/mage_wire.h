/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Mage: the protocol between the rdma backend (the client) and mage-memnoded
 * (the memory node).
 *
 * All numbers are big-endian, all reserved bytes are sent as zero and ignored
 * by the receiver, all messages are of fixed size.  A message is at least as
 * long as its structure; a transport may pad it with zeroes.
 *
 * A session is one control connection and the data connections that joined it,
 * all of them reliable RDMA connections to the same port:
 *
 *   client                                   memory node
 *   ------                                   -----------
 *   control: CM request, struct mage_wire_req, MAGE_WIRE_CONTROL
 *                                            CM reply, struct mage_wire_rep,
 *                                            or CM reject, struct mage_wire_rej
 *   SEND struct mage_wire_hello
 *                                            SEND struct mage_wire_welcome;
 *                                            after a refusal it disconnects
 *   data: CM request, struct mage_wire_req, MAGE_WIRE_DATA, once a queue
 *                                            CM reply, struct mage_wire_rep,
 *                                            or CM reject, struct mage_wire_rej
 *   RDMA READ and RDMA WRITE on the data connections, as many as it likes
 *   SEND struct mage_wire_goodbye            everything of the session is
 *                                            destroyed, its memory zeroed
 *
 * A session whose control connection ends without a goodbye is suspended: the
 * memory node destroys its connections, and keeps its memory for a grace
 * period.  The client resumes it, which it may also do while the memory node
 * has not noticed that anything ended:
 *
 *   client                                   memory node
 *   ------                                   -----------
 *   control: CM request, struct mage_wire_req, MAGE_WIRE_RESUME
 *                                            CM reply, struct mage_wire_rep,
 *                                            or CM reject, struct mage_wire_rej
 *   SEND struct mage_wire_resume
 *                                            every other connection of the
 *                                            session is destroyed, and only then
 *                                            SEND struct mage_wire_welcome;
 *                                            after a refusal it disconnects
 *   data connections, as above, with the new generation
 *
 * So nothing that was sent on an old connection is placed after the welcome:
 * a write that the client gave up cannot overwrite what it writes later.  The
 * memory is as it was; which of the writes that were under way have reached it
 * is not known.  MAGE_WIRE_BAD_TOKEN as the answer to MAGE_WIRE_RESUME says that
 * the session is over, and its memory gone; every other refusal may be followed
 * by another attempt.
 *
 * The memory reads as zeroes at first.  It is reached with the address and
 * the key in struct mage_wire_welcome, through the connections of this session
 * only: every session has its own protection domain.
 *
 * The memory node may post RDMA WRITEs of length zero on the control
 * connection to learn whether the client is still there, and so may the client.
 * The client must not SEND anything but one hello or resume, and one goodbye.
 *
 * Neither data nor tokens are encrypted: the secret decides who may connect,
 * the network must be one whose wires are trusted.
 */
#ifndef _UAPI_LINUX_MAGE_WIRE_H
#define _UAPI_LINUX_MAGE_WIRE_H

#include <linux/types.h>

#define MAGE_WIRE_MAGIC		0x4d414745	/* "MAGE" */
#define MAGE_WIRE_VERSION	2
/* Port where a memory node listens when it is not told another one. */
#define MAGE_WIRE_PORT		7471

#define MAGE_WIRE_NONCE_LEN	32	/* random bytes, new for every session */
#define MAGE_WIRE_TOKEN_LEN	16	/* random bytes that name a session */
#define MAGE_WIRE_HMAC_LEN	32	/* HMAC-SHA256, not truncated */
#define MAGE_WIRE_MESSAGE_LEN	128	/* the terminating NUL included */
#define MAGE_WIRE_SECRET_MAX	64	/* bytes; none at all is the empty key */
#define MAGE_WIRE_QUEUES_MAX	256	/* data connections a session */

/* The size that a client asks for is a multiple of this many bytes. */
#define MAGE_WIRE_SIZE_UNIT	4096

/* What the authentication codes begin with, without a terminating NUL. */
#define MAGE_WIRE_LABEL_CLIENT	"mage client"
#define MAGE_WIRE_LABEL_NODE	"mage server"
#define MAGE_WIRE_LABEL_RESUME	"mage resume"
/*
 * And that from which each side makes the key of a session: HMAC-SHA256 with the
 * secret as key over MAGE_WIRE_LABEL_KEY, mage_wire_hello.nonce,
 * mage_wire_rep.nonce, and mage_wire_welcome.token.  So neither has to keep the
 * secret to resume, and the secret may change meanwhile.
 */
#define MAGE_WIRE_LABEL_KEY	"mage session"

/**
 * enum mage_wire_kind - what a connection is for
 * @MAGE_WIRE_CONTROL: it begins a session; the token is not used
 * @MAGE_WIRE_DATA: it joins the session that the token names
 * @MAGE_WIRE_RESUME: it takes over the session that the token names
 */
enum mage_wire_kind {
	MAGE_WIRE_CONTROL = 1,
	MAGE_WIRE_DATA = 2,
	MAGE_WIRE_RESUME = 3,
};

/**
 * enum mage_wire_status - the memory node's answer
 * @MAGE_WIRE_OK: welcome
 * @MAGE_WIRE_GARBAGE: not a message of this protocol
 * @MAGE_WIRE_BAD_VERSION: another version of this protocol; the answer carries
 *	the memory node's
 * @MAGE_WIRE_BAD_SECRET: the client's authentication code is wrong
 * @MAGE_WIRE_BAD_SIZE: size zero or no multiple of MAGE_WIRE_SIZE_UNIT, or a
 *	number of queues that is not 1 to MAGE_WIRE_QUEUES_MAX
 * @MAGE_WIRE_TOO_LARGE: more than the memory node lends to one client, ever
 * @MAGE_WIRE_FULL: more than is free now
 * @MAGE_WIRE_TOO_MANY: as many clients as the memory node takes are there
 * @MAGE_WIRE_BAD_TOKEN: no such session, or a queue that the hello did not
 *	announce or that is there already
 * @MAGE_WIRE_NO_MEMORY: the memory node could not lock or register the memory
 * @MAGE_WIRE_STOPPING: the memory node is shutting down
 * @MAGE_WIRE_STALE: the session has been resumed since with this generation, or
 *	a later one
 * @MAGE_WIRE_ELSEWHERE: the session is on another RDMA device of the memory node
 */
enum mage_wire_status {
	MAGE_WIRE_OK = 0,
	MAGE_WIRE_GARBAGE = 1,
	MAGE_WIRE_BAD_VERSION = 2,
	MAGE_WIRE_BAD_SECRET = 3,
	MAGE_WIRE_BAD_SIZE = 4,
	MAGE_WIRE_TOO_LARGE = 5,
	MAGE_WIRE_FULL = 6,
	MAGE_WIRE_TOO_MANY = 7,
	MAGE_WIRE_BAD_TOKEN = 8,
	MAGE_WIRE_NO_MEMORY = 9,
	MAGE_WIRE_STOPPING = 10,
	MAGE_WIRE_STALE = 11,
	MAGE_WIRE_ELSEWHERE = 12,
};

/**
 * struct mage_wire_req - private data of the client's CM request
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @kind: enum mage_wire_kind
 * @queue: data: index of the queue, below mage_wire_hello.nr_queues; a queue
 *	connects once.  control and resume: 0
 * @reserved: zero
 * @generation: data: that of the last welcome: 0, or mage_wire_resume.generation.
 *	control and resume: 0
 * @token: data and resume: mage_wire_welcome.token.  control: zeroes
 */
struct mage_wire_req {
	__be32 magic;
	__be16 version;
	__be16 kind;
	__be16 queue;
	__be16 reserved;
	__be32 generation;
	__u8 token[MAGE_WIRE_TOKEN_LEN];
};

/**
 * struct mage_wire_rep - private data of the memory node's CM reply
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @reserved: zero
 * @nonce: control and resume: random bytes.  data: zeroes
 */
struct mage_wire_rep {
	__be32 magic;
	__be16 version;
	__be16 reserved;
	__u8 nonce[MAGE_WIRE_NONCE_LEN];
};

/**
 * struct mage_wire_rej - private data of the memory node's CM reject
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @status: enum mage_wire_status, not MAGE_WIRE_OK
 * @message: a sentence for people, ASCII, ends with NUL
 */
struct mage_wire_rej {
	__be32 magic;
	__be16 version;
	__be16 status;
	char message[MAGE_WIRE_MESSAGE_LEN];
};

/**
 * struct mage_wire_hello - the client says who it is and what it wants
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @nr_queues: data connections that will follow, 1 to MAGE_WIRE_QUEUES_MAX
 * @size: bytes wanted; not zero, a multiple of MAGE_WIRE_SIZE_UNIT
 * @nonce: random bytes
 * @hmac: HMAC-SHA256 with the secret as key over MAGE_WIRE_LABEL_CLIENT,
 *	mage_wire_rep.nonce, and this structure up to here
 */
struct mage_wire_hello {
	__be32 magic;
	__be16 version;
	__be16 nr_queues;
	__be64 size;
	__u8 nonce[MAGE_WIRE_NONCE_LEN];
	__u8 hmac[MAGE_WIRE_HMAC_LEN];
};

/**
 * struct mage_wire_resume - the client wants its session back
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @nr_queues: as in mage_wire_hello; it may be another number
 * @generation: larger than in every attempt before; the first one is 1
 * @reserved: zero
 * @nonce: random bytes
 * @token: mage_wire_welcome.token
 * @hmac: HMAC-SHA256 with the session's key over MAGE_WIRE_LABEL_RESUME,
 *	mage_wire_rep.nonce, and this structure up to here
 */
struct mage_wire_resume {
	__be32 magic;
	__be16 version;
	__be16 nr_queues;
	__be32 generation;
	__be32 reserved;
	__u8 nonce[MAGE_WIRE_NONCE_LEN];
	__u8 token[MAGE_WIRE_TOKEN_LEN];
	__u8 hmac[MAGE_WIRE_HMAC_LEN];
};

/**
 * struct mage_wire_goodbye - the client needs its session no more
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @reserved: zero
 */
struct mage_wire_goodbye {
	__be32 magic;
	__be16 version;
	__be16 reserved;
};

/**
 * struct mage_wire_welcome - the memory node's answer to a hello, or a resume
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @status: enum mage_wire_status; when it is not MAGE_WIRE_OK only @message
 *	says more, and the other fields, @hmac too, are zero
 * @size: bytes reserved, those of mage_wire_hello.size
 * @address: RDMA address of the first byte
 * @rkey: remote key
 * @reserved: zero
 * @token: names the session to its data connections; it stays the same
 * @message: a sentence for people, ASCII, ends with NUL; may be empty
 * @hmac: HMAC-SHA256 over MAGE_WIRE_LABEL_NODE, mage_wire_hello.nonce or
 *	mage_wire_resume.nonce, mage_wire_rep.nonce, and this structure up to here.
 *	The key is the secret, after a resume that of the session
 */
struct mage_wire_welcome {
	__be32 magic;
	__be16 version;
	__be16 status;
	__be64 size;
	__be64 address;
	__be32 rkey;
	__be32 reserved;
	__u8 token[MAGE_WIRE_TOKEN_LEN];
	char message[MAGE_WIRE_MESSAGE_LEN];
	__u8 hmac[MAGE_WIRE_HMAC_LEN];
};

/* The private data of a CM request is at most 56 bytes, of a reply 196, of a reject 148. */
_Static_assert(sizeof(struct mage_wire_req) == 32, "mage_wire_req has holes");
_Static_assert(sizeof(struct mage_wire_rep) == 40, "mage_wire_rep has holes");
_Static_assert(sizeof(struct mage_wire_rej) == 136, "mage_wire_rej has holes");
_Static_assert(sizeof(struct mage_wire_hello) == 80, "mage_wire_hello has holes");
_Static_assert(sizeof(struct mage_wire_resume) == 96, "mage_wire_resume has holes");
_Static_assert(sizeof(struct mage_wire_goodbye) == 8, "mage_wire_goodbye has holes");
_Static_assert(sizeof(struct mage_wire_welcome) == 208, "mage_wire_welcome has holes");

#endif /* _UAPI_LINUX_MAGE_WIRE_H */
