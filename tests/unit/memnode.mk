# SPDX-License-Identifier: GPL-2.0-only
#
# The unit tests of memnode/: paths are relative to the root of the repository.

MEMNODE_TESTS := memnode_admission memnode_counters memnode_keyring memnode_ledger \
		 memnode_options memnode_prometheus memnode_protocol \
		 memnode_record memnode_secret memnode_size

memnode_admission_SRCS   := tests/unit/memnode_admission.c memnode/admission.c memnode/address.c \
			    memnode/protocol.c memnode/refusal.c
memnode_admission_LIBS   := -lcmocka -lcrypto
memnode_admission_CFLAGS := -I$(TOP)/memnode

memnode_counters_SRCS   := tests/unit/memnode_counters.c memnode/counters.c
memnode_counters_LIBS   := -lcmocka
memnode_counters_CFLAGS := -I$(TOP)/memnode

memnode_keyring_SRCS   := tests/unit/memnode_keyring.c memnode/key.c memnode/keyring.c \
			  memnode/protocol.c memnode/secret.c memnode/size.c common/quantity.c \
			  common/secret.c
memnode_keyring_LIBS   := -lcmocka -lcrypto
memnode_keyring_CFLAGS := -I$(TOP)/memnode

memnode_ledger_SRCS   := tests/unit/memnode_ledger.c memnode/ledger.c memnode/protocol.c \
			 memnode/size.c common/quantity.c
memnode_ledger_LIBS   := -lcmocka -lcrypto
memnode_ledger_CFLAGS := -I$(TOP)/memnode

memnode_options_SRCS   := tests/unit/memnode_options.c memnode/options.c memnode/size.c \
			  common/quantity.c
memnode_options_LIBS   := -lcmocka
memnode_options_CFLAGS := -I$(TOP)/memnode

memnode_prometheus_SRCS   := tests/unit/memnode_prometheus.c memnode/prometheus.c
memnode_prometheus_LIBS   := -lcmocka
memnode_prometheus_CFLAGS := -I$(TOP)/memnode

memnode_protocol_SRCS   := tests/unit/memnode_protocol.c memnode/protocol.c
memnode_protocol_LIBS   := -lcmocka -lcrypto
memnode_protocol_CFLAGS := -I$(TOP)/memnode

memnode_record_SRCS   := tests/unit/memnode_record.c memnode/record.c memnode/key.c \
			 memnode/protocol.c memnode/size.c common/quantity.c common/secret.c
memnode_record_LIBS   := -lcmocka -lcrypto
memnode_record_CFLAGS := -I$(TOP)/memnode

memnode_secret_SRCS   := tests/unit/memnode_secret.c memnode/secret.c common/secret.c
memnode_secret_LIBS   := -lcmocka
memnode_secret_CFLAGS := -I$(TOP)/memnode

memnode_size_SRCS   := tests/unit/memnode_size.c memnode/size.c common/quantity.c
memnode_size_LIBS   := -lcmocka
memnode_size_CFLAGS := -I$(TOP)/memnode
