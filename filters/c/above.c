// A SmartStream in C, written to docs/abi.md, version 1: passes whole numbers above 100, and reports other values.
//
//   clang --target=wasm32 -ffreestanding -nostdlib -O2 -Wl,--no-entry -o above.wasm above.c
//   fluvio-tui smartstream add above --file above.wasm
//   fluvio-tui consume TOPIC smartstream --use-filter above
//
// clang needs LLVM's linker for WebAssembly: on Debian and Ubuntu, `apt-get install clang lld`.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

enum result { DROP, PASS, ERROR };

enum { LIMIT = 100, PAGE = 65536, ENTRY_OF_ERROR = 1, RESERVE = 4096 };

// The message area, and an entry in it. The text follows, padded to a multiple of 4 bytes.
struct messages {
  uint32_t used;
  uint32_t lost;
};

struct entry {
  uint32_t record;
  uint32_t kind;
  uint32_t length;
};

// The header of a batch. Pointers have 32 bits.
struct batch {
  uint32_t version;
  uint32_t size;
  uint32_t start;
  uint32_t end;
  int64_t base_offset;
  uint32_t partition;
  uint32_t count;
  const uint32_t *value_offsets;
  const uint8_t *values;
  const uint32_t *key_offsets;
  const uint8_t *keys;
  const uint8_t *key_validity;
  const int64_t *timestamps;
  volatile uint8_t *verdicts;
  volatile uint32_t *progress;
  struct messages *messages;
  uint32_t messages_size;
  uint32_t reserved[14];
};

_Static_assert(sizeof(struct batch) == 128, "the header has 128 bytes");

// The logic of this filter; the rest is the same for every filter.
static enum result evaluate(const uint8_t *value, uint32_t length, const char **error) {
  uint32_t number = 0;
  bool above = false;
  for (uint32_t i = 0; i < length; i++) {
    if (value[i] < '0' || value[i] > '9') {
      *error = "this is not a whole number";
      return ERROR;
    }
    number = number * 10 + (value[i] - '0');
    // Decided here, since more digits may exceed 32 bits.
    above = above || number > LIMIT;
  }
  if (length == 0) {
    *error = "this is empty";
    return ERROR;
  }
  return above ? PASS : DROP;
}

static uint32_t room(const struct batch *batch) {
  return batch->messages_size - sizeof(struct messages) - batch->messages->used;
}

static void report(struct batch *batch, uint32_t record, const char *text) {
  struct messages *messages = batch->messages;
  struct entry *entry = (struct entry *)((uint8_t *)(messages + 1) + messages->used);
  uint8_t *to = (uint8_t *)(entry + 1);
  uint32_t length = 0;
  for (; text[length] != 0; length++) {
    to[length] = text[length];
  }
  uint32_t padded = length;
  for (; padded % 4 != 0; padded++) {
    to[padded] = 0;
  }
  entry->record = record;
  entry->kind = ENTRY_OF_ERROR;
  entry->length = length;
  messages->used += sizeof(struct entry) + padded;
}

EXPORT("smartstream_abi") uint32_t abi(void) {
  return 1;
}

// Where free memory begins, by the linker. The one region is there.
extern uint8_t __heap_base;

EXPORT("smartstream_alloc") void *allocate(uint32_t size) {
  uint64_t at = ((uintptr_t)&__heap_base + 7) & ~(uintptr_t)7;
  uint64_t wanted = (at + size + PAGE - 1) / PAGE;
  uint64_t have = __builtin_wasm_memory_size(0);
  if (wanted > have && __builtin_wasm_memory_grow(0, wanted - have) == SIZE_MAX) {
    return NULL;
  }
  return (void *)(uintptr_t)at;
}

EXPORT("smartstream_filter") uint32_t filter(struct batch *batch) {
  for (uint32_t record = batch->start; record < batch->end; record++) {
    *batch->progress = record;
    uint32_t from = batch->value_offsets[record];
    const char *error = NULL;
    batch->verdicts[record] =
        evaluate(batch->values + from, batch->value_offsets[record + 1] - from, &error);
    if (error != NULL) {
      report(batch, record, error);
      if (room(batch) < RESERVE) {
        // The host empties the message area and calls again.
        return record + 1;
      }
    }
  }
  return batch->end;
}
