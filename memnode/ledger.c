// SPDX-License-Identifier: GPL-2.0-only
#include "ledger.h"

#include "size.h"

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
	if (need > ledger->size - ledger->reserved)
		return refuse(verdict, MAGE_WIRE_FULL, "%s asked, %s free of %s", asked,
			      size_format(ledger->size - ledger->reserved, limit),
			      size_format(ledger->size, total));

	ledger->clients++;
	ledger->reserved += need;
	if (ledger->reserved > ledger->peak)
		ledger->peak = ledger->reserved;
	*charge = need;
	return true;
}

void ledger_release(struct ledger *ledger, uint64_t charge)
{
	ledger->clients--;
	ledger->reserved -= charge;
}
