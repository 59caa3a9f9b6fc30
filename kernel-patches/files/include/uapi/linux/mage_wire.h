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
 *   disconnect of the control connection     everything of the session is
 *                                            destroyed, its memory zeroed
 *
 * The memory reads as zeroes at first.  It is reached with the address and
 * the key in struct mage_wire_welcome, through the connections of this session
 * only: every session has its own protection domain.
 *
 * The memory node may post RDMA WRITEs of length zero on the control
 * connection to learn whether the client is still there.  The client must not
 * SEND anything but the one hello.
 *
 * Neither data nor tokens are encrypted: the secret decides who may connect,
 * the network must be one whose wires are trusted.
 */
#ifndef _UAPI_LINUX_MAGE_WIRE_H
#define _UAPI_LINUX_MAGE_WIRE_H

#include <linux/types.h>

#define MAGE_WIRE_MAGIC		0x4d414745	/* "MAGE" */
#define MAGE_WIRE_VERSION	1
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

/* What the two authentication codes begin with, without a terminating NUL. */
#define MAGE_WIRE_LABEL_CLIENT	"mage client"
#define MAGE_WIRE_LABEL_NODE	"mage server"

/**
 * enum mage_wire_kind - what a connection is for
 * @MAGE_WIRE_CONTROL: it begins a session; the token is not used
 * @MAGE_WIRE_DATA: it joins the session that the token names
 */
enum mage_wire_kind {
	MAGE_WIRE_CONTROL = 1,
	MAGE_WIRE_DATA = 2,
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
};

/**
 * struct mage_wire_req - private data of the client's CM request
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @kind: enum mage_wire_kind
 * @queue: data: index of the queue, below mage_wire_hello.nr_queues; a queue
 *	connects once.  control: 0
 * @reserved: zero
 * @token: data: mage_wire_welcome.token.  control: zeroes
 */
struct mage_wire_req {
	__be32 magic;
	__be16 version;
	__be16 kind;
	__be16 queue;
	__u8 reserved[6];
	__u8 token[MAGE_WIRE_TOKEN_LEN];
};

/**
 * struct mage_wire_rep - private data of the memory node's CM reply
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @reserved: zero
 * @nonce: control: random bytes.  data: zeroes
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
 * struct mage_wire_welcome - the memory node's answer to the hello
 * @magic: MAGE_WIRE_MAGIC
 * @version: MAGE_WIRE_VERSION
 * @status: enum mage_wire_status; when it is not MAGE_WIRE_OK only @message
 *	says more, and the other fields, @hmac too, are zero
 * @size: bytes reserved, the same as mage_wire_hello.size
 * @address: RDMA address of the first byte
 * @rkey: remote key
 * @reserved: zero
 * @token: names the session to its data connections
 * @message: a sentence for people, ASCII, ends with NUL; may be empty
 * @hmac: HMAC-SHA256 with the secret as key over MAGE_WIRE_LABEL_NODE,
 *	mage_wire_hello.nonce, mage_wire_rep.nonce, and this structure up to here
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
_Static_assert(sizeof(struct mage_wire_welcome) == 208, "mage_wire_welcome has holes");

#endif /* _UAPI_LINUX_MAGE_WIRE_H */
