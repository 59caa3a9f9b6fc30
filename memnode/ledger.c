// SPDX-License-Identifier: GPL-2.0-only
#include "ledger.h"

#include "size.h"

uint64_t ledger_free(const struct ledger *ledger)
{
	return ledger->size > ledger->reserved ? ledger->size - ledger->reserved : 0;
}

void ledger_restore(struct ledger *ledger, uint64_t charge)
{
	ledger->clients++;
	ledger->reserved += charge;
	if (ledger->reserved > ledger->peak)
		ledger->peak = ledger->reserved;
}

bool ledger_reserve(struct ledger *ledger, uint64_t size, uint64_t *charge, struct verdict *verdict)
{
	char asked[SIZE_TEXT_LEN], limit[SIZE_TEXT_LEN], total[SIZE_TEXT_LEN];
	uint64_t need;

	size_format(size, asked);
	if (size > ledger->max_client)
		return refuse(verdict, MAGE_WIRE_TOO_LARGE, "%s asked, the node lends at most %s",
			      asked, size_format(ledger->max_client, limit));
	if (ledger->clients >= ledger->max_clients)
		return refuse(verdict, MAGE_WIRE_TOO_MANY,
			      "all %u clients that the node takes are there", ledger->max_clients);

	need = (size + ledger->granule - 1) / ledger->granule * ledger->granule;
	if (need > ledger_free(ledger))
		return refuse(verdict, MAGE_WIRE_FULL, "%s asked, %s free of %s", asked,
			      size_format(ledger_free(ledger), limit),
			      size_format(ledger->size, total));

	ledger_restore(ledger, need);
	*charge = need;
	return true;
}

void ledger_release(struct ledger *ledger, uint64_t charge)
{
	ledger->clients--;
	ledger->reserved -= charge;
}
