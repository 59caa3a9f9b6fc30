// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's connections: resolving, connecting, closing.
 *
 * Connecting is a sequence of steps, each of which the communication manager
 * ends with an event.  The thread that connects waits for them one by one.
 */
#include <linux/err.h>
#include <linux/irq_poll.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <rdma/ib_verbs.h>
#include <rdma/rdma_cm.h>

#include "conn.h"
#include "say.h"
#include "session.h"

#define MAGE_RDMA_RESOLVE_MS	5000
#define MAGE_RDMA_CONNECT_MS	15000
#define MAGE_RDMA_CLOSE_MS	2000

/*
 * A memory node that does not acknowledge for 7 times 4.096 us * 2^18, that is
 * 7.5 s, is gone.  (Seven retries would be infinitely many to rxe.)
 */
#define MAGE_RDMA_ACK_TIMEOUT	18
#define MAGE_RDMA_RETRIES	6

/* Reads under way that a queue pair asks the memory node's device to accept. */
#define MAGE_RDMA_READ_DEPTH	32

void mage_rdma_conn_say(struct mage_rdma_conn *conn, bool *done)
{
	/* Pairs with mage_rdma_conn_wait(). */
	smp_store_release(done, true);
	wake_up_all(&conn->session->changed);
}

static void mage_rdma_step_done(struct mage_rdma_conn *conn, int error)
{
	conn->error = error;
	mage_rdma_conn_say(conn, &conn->step);
}

/*
 * What says that the memory node has no such memory, or we no such page, will say so
 * again.  All else may be the link: a software device that finds no route says that
 * its queue pair could not do the operation.
 */
static bool mage_rdma_is_final(enum ib_wc_status status)
{
	switch (status) {
	case IB_WC_LOC_LEN_ERR:
	case IB_WC_LOC_PROT_ERR:
	case IB_WC_REM_INV_REQ_ERR:
	case IB_WC_REM_ACCESS_ERR:
		return true;
	default:
		return false;
	}
}

void mage_rdma_conn_error(struct mage_rdma_conn *conn, const char *what, int status)
{
	struct mage_rdma_session *session = conn->session;
	const char *why = ib_wc_status_msg(status);

	if (mage_rdma_is_final(status))
		mage_rdma_fail(session, "memory node %s: %s failed: %s",
			       session->name, what, why);
	else
		mage_rdma_lost(session, "memory node %s: %s failed: %s",
			       session->name, what, why);
}

void mage_rdma_conn_take_rej(struct mage_rdma_conn *conn, const void *data,
			     u8 len)
{
	struct mage_wire_rej *rej = &conn->rej;

	if (!data || len < sizeof(*rej))
		return;
	memcpy(rej, data, sizeof(*rej));
	rej->message[sizeof(rej->message) - 1] = '\0';
	conn->refused = rej->magic == cpu_to_be32(MAGE_WIRE_MAGIC);
}

static void mage_rdma_conn_rejected(struct mage_rdma_conn *conn,
				    struct rdma_cm_event *event)
{
	const void *data;
	u8 len = 0;

	data = rdma_consumer_reject_data(conn->id, event, &len);
	mage_rdma_conn_take_rej(conn, data, len);
	mage_rdma_step_done(conn, -ECONNREFUSED);
}

int mage_rdma_conn_take_rep(struct mage_rdma_conn *conn, const void *data,
			    u8 len)
{
	struct mage_wire_rep *rep = &conn->rep;

	if (!data || len < sizeof(*rep))
		return -EPROTO;
	memcpy(rep, data, sizeof(*rep));
	if (rep->magic != cpu_to_be32(MAGE_WIRE_MAGIC) ||
	    rep->version != cpu_to_be16(MAGE_WIRE_VERSION))
		return -EPROTO;
	return 0;
}

static void mage_rdma_conn_established(struct mage_rdma_conn *conn,
				       struct rdma_cm_event *event)
{
	const struct rdma_conn_param *param = &event->param.conn;
	int err = mage_rdma_conn_take_rep(conn, param->private_data,
					  param->private_data_len);

	if (!err)
		conn->up = true;
	mage_rdma_step_done(conn, err);
}

static void mage_rdma_conn_lost(struct mage_rdma_conn *conn, const char *how)
{
	if (!conn->up) {
		mage_rdma_step_done(conn, -ECONNRESET);
		return;
	}

	complete_all(&conn->down);
	mage_rdma_lost(conn->session, "memory node %s: %s", conn->session->name, how);
}

static int mage_rdma_cm_event(struct rdma_cm_id *id,
			      struct rdma_cm_event *event)
{
	struct mage_rdma_conn *conn = id->context;

	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		mage_rdma_step_done(conn, 0);
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		mage_rdma_conn_established(conn, event);
		break;
	case RDMA_CM_EVENT_REJECTED:
		mage_rdma_conn_rejected(conn, event);
		break;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
		mage_rdma_step_done(conn, -EHOSTUNREACH);
		break;
	case RDMA_CM_EVENT_CONNECT_ERROR:
		mage_rdma_step_done(conn, -ECONNABORTED);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		mage_rdma_conn_lost(conn, "it closed the connection");
		break;
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		/* Its owner destroys the identifier, which is what the device waits for. */
		mage_rdma_conn_lost(conn, "the local RDMA device was removed");
		break;
	default:
		break;
	}

	return 0;
}

static void mage_rdma_qp_event(struct ib_event *event, void *context)
{
	struct mage_rdma_conn *conn = context;

	switch (event->event) {
	case IB_EVENT_QP_FATAL:
	case IB_EVENT_QP_REQ_ERR:
	case IB_EVENT_QP_ACCESS_ERR:
		mage_rdma_lost(conn->session, "memory node %s: queue pair error: %s",
			       conn->session->name, ib_event_msg(event->event));
		break;
	default:
		break;
	}
}

int mage_rdma_conn_wait(struct mage_rdma_conn *conn, const bool *done,
			unsigned long timeout)
{
	struct mage_rdma_session *session = conn->session;
	long left;

	left = wait_event_killable_timeout(session->changed,
					   READ_ONCE(*done) ||
					   !mage_rdma_opening(session), timeout);
	if (left < 0)
		return -EINTR;
	if (!left)
		return -ETIMEDOUT;
	/* Pairs with mage_rdma_conn_say(). */
	return smp_load_acquire(done) ? 0 : -ECANCELED;
}

/* Waits for the end of a step that was begun. */
static int mage_rdma_conn_step(struct mage_rdma_conn *conn, unsigned int ms)
{
	int ret = mage_rdma_conn_wait(conn, &conn->step, msecs_to_jiffies(ms));

	return ret ?: conn->error;
}

void mage_rdma_conn_init(struct mage_rdma_conn *conn,
			 struct mage_rdma_session *session)
{
	/*
	 * Works that look at a queue look at its session, too, while the owner makes the
	 * connection anew: so that must not be cleared first, be it for a moment.
	 */
	WRITE_ONCE(conn->session, session);
	memset_after(conn, 0, session);
	init_completion(&conn->down);
}

int mage_rdma_conn_resolve(struct mage_rdma_conn *conn,
			   struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = conn->session;
	struct rdma_cm_id *id;
	int ret;

	id = rdma_create_id(session->net, mage_rdma_cm_event, conn,
			    RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(id)) {
		NL_SET_ERR_MSG(extack, "no memory for a connection");
		return PTR_ERR(id);
	}
	conn->id = id;
	rdma_set_ack_timeout(id, MAGE_RDMA_ACK_TIMEOUT);

	ret = rdma_resolve_addr(id, NULL, (struct sockaddr *)&session->addr,
				MAGE_RDMA_RESOLVE_MS);
	if (!ret)
		ret = mage_rdma_conn_step(conn, 2 * MAGE_RDMA_RESOLVE_MS);
	if (ret == -ENODEV) {
		mage_rdma_extack(extack, "no RDMA device reaches %s: see rdma link",
				 session->name);
		return ret;
	}
	if (ret) {
		mage_rdma_extack(extack, "%s is unreachable (%pe): check the address",
				 session->name, ERR_PTR(ret));
		return ret;
	}

	if (!session->ibdev)
		session->ibdev = id->device;
	if (session->ibdev != id->device) {
		NL_SET_ERR_MSG(extack, "the route moved to another RDMA device while connecting");
		return -ENODEV;
	}

	WRITE_ONCE(conn->step, false);
	ret = rdma_resolve_route(id, MAGE_RDMA_RESOLVE_MS);
	if (!ret)
		ret = mage_rdma_conn_step(conn, 2 * MAGE_RDMA_RESOLVE_MS);
	if (ret)
		mage_rdma_extack(extack, "no RDMA route to %s (%pe)",
				 session->name, ERR_PTR(ret));

	return ret;
}

int mage_rdma_conn_create_qp(struct mage_rdma_conn *conn, unsigned int send_wr,
			     unsigned int recv_wr,
			     struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = conn->session;
	struct ib_qp_init_attr attr = {
		.event_handler	= mage_rdma_qp_event,
		.qp_context	= conn,
		.cap = {
			.max_send_wr	= send_wr + 1,
			.max_recv_wr	= recv_wr + 1,
			.max_send_sge	= 1,
			.max_recv_sge	= 1,
		},
		.sq_sig_type	= IB_SIGNAL_REQ_WR,
		.qp_type	= IB_QPT_RC,
	};
	struct ib_cq *cq;
	int ret;

	/* On an error every work request makes a completion. */
	cq = ib_alloc_cq_any(session->ibdev, conn, send_wr + recv_wr + 2,
			     IB_POLL_SOFTIRQ);
	if (IS_ERR(cq)) {
		mage_rdma_extack(extack, "%s: no completion queue of %u entries (%pe)",
				 dev_name(&session->ibdev->dev),
				 send_wr + recv_wr + 2, cq);
		return PTR_ERR(cq);
	}
	conn->cq = cq;

	attr.send_cq = cq;
	attr.recv_cq = cq;
	ret = rdma_create_qp(conn->id, session->pd, &attr);
	if (ret) {
		mage_rdma_extack(extack, "%s: no queue pair of %u work requests (%pe)",
				 dev_name(&session->ibdev->dev), send_wr + 1,
				 ERR_PTR(ret));
		return ret;
	}

	/* Pairs with mage_rdma_conn_stop(), which may run already. */
	smp_store_release(&conn->qp, conn->id->qp);
	return 0;
}

int mage_rdma_conn_connect(struct mage_rdma_conn *conn,
			   enum mage_wire_kind kind, unsigned int queue,
			   struct netlink_ext_ack *extack)
{
	struct mage_rdma_session *session = conn->session;
	struct mage_wire_req req = {
		.magic		= cpu_to_be32(MAGE_WIRE_MAGIC),
		.version	= cpu_to_be16(MAGE_WIRE_VERSION),
		.kind		= cpu_to_be16(kind),
		.queue		= cpu_to_be16(queue),
	};
	struct rdma_conn_param param = {
		.private_data		= &req,
		.private_data_len	= sizeof(req),
		.responder_resources	= 1,
		.retry_count		= MAGE_RDMA_RETRIES,
		.rnr_retry_count	= 7,
	};
	int ret;

	if (kind != MAGE_WIRE_CONTROL)
		memcpy(req.token, session->token, sizeof(req.token));
	if (kind == MAGE_WIRE_DATA)
		req.generation = cpu_to_be32(session->generation);
	param.initiator_depth = clamp(session->ibdev->attrs.max_qp_init_rd_atom, 1,
				      MAGE_RDMA_READ_DEPTH);

	WRITE_ONCE(conn->step, false);
	ret = rdma_connect(conn->id, &param);
	if (!ret)
		ret = mage_rdma_conn_step(conn, MAGE_RDMA_CONNECT_MS);
	if (ret == -ECONNREFUSED && conn->refused)
		return mage_rdma_refusal(session->name,
					 be16_to_cpu(conn->rej.status),
					 conn->rej.message, extack);
	if (ret == -ECONNREFUSED)
		mage_rdma_extack(extack, "%s: nobody listens; run mage-memnoded",
				 session->name);
	else if (ret == -EPROTO)
		mage_rdma_extack(extack, "%s is no memory node of this version",
				 session->name);
	else if (ret)
		mage_rdma_extack(extack, "%s does not answer (%pe)", session->name,
				 ERR_PTR(ret));

	return ret;
}

void mage_rdma_conn_stop(struct mage_rdma_conn *conn)
{
	/* Pairs with mage_rdma_conn_create_qp(). */
	struct ib_qp *qp = smp_load_acquire(&conn->qp);
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	int ret;

	if (!qp)
		return;

	ret = ib_modify_qp(qp, &attr, IB_QP_STATE);
	conn->runs_on = ret;
	if (ret)
		pr_err("mage: memory node %s: stopping a queue pair failed: %d\n",
		       conn->session->name, ret);
}

void mage_rdma_conn_disconnect(struct mage_rdma_conn *conn)
{
	if (conn->up)
		rdma_disconnect(conn->id);
}

void mage_rdma_conn_wait_down(struct mage_rdma_conn *conn)
{
	if (conn->up)
		wait_for_completion_timeout(&conn->down,
					    msecs_to_jiffies(MAGE_RDMA_CLOSE_MS));
}

/*
 * ib_poll_handler() says that it is no longer scheduled, which is all that
 * ib_free_cq() waits for, and then arms the completion queue once more.  Its last run
 * has begun when irq_poll_disable() returns, as nothing can schedule it from then on,
 * and ends within a grace period, as it is a softirq.  ib_free_cq() disables it, too,
 * and would wait for ever if it were disabled: the queue pair is gone, so that nothing
 * schedules it in between.
 */
static void mage_rdma_cq_quiesce(struct ib_cq *cq)
{
	irq_poll_disable(&cq->iop);
	synchronize_rcu_expedited();
	irq_poll_enable(&cq->iop);
}

void mage_rdma_conn_destroy_qp(struct mage_rdma_conn *conn)
{
	if (conn->qp) {
		ib_drain_qp(conn->qp);
		rdma_destroy_qp(conn->id);
		conn->qp = NULL;
	}
	if (conn->cq) {
		mage_rdma_cq_quiesce(conn->cq);
		ib_free_cq(conn->cq);
		conn->cq = NULL;
	}
}

void mage_rdma_conn_destroy_id(struct mage_rdma_conn *conn)
{
	if (conn->id) {
		rdma_destroy_id(conn->id);
		conn->id = NULL;
	}
	conn->up = false;
}
