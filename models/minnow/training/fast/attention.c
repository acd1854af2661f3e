/* Kernels of the attention layer for packed batches (see attention.py for the shapes).

   Needs AVX-512 with BF16 (`available()` in build.py). One thread, no global state.
   Every product is a bf16 matrix product with f32 sums, made by one small routine,
   `product`. Queries are taken in blocks of 16; with H heads that is 16 H rows against
   the keys of the block: the window and the visible compressed entries. Keys and values
   are the same vectors and all heads share them, so the keys of a block are packed once
   and serve every product of the block.

   Sizes: attention.py checks what `Layout` lists. Rows are at most WIDEST long. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16   /* queries per block */
#define WIDEST 1024 /* longest row that is held on the stack */
#define LARGEST 128 /* largest compression ratio */
#define INLINE static inline __attribute__((always_inline))

typedef uint16_t bf16;
typedef __m512 vec;

/* What stays the same over a whole call. Pointers are owned by the caller. */
typedef struct {
    const int32_t *starts;       /* [S+1] first token of each sequence */
    const int32_t *entry_starts; /* [S+1] first compressed entry of each sequence */
    const float *cos, *sin;      /* [positions, rd]: each angle twice; sin with the sign of the rotation */
    const uint16_t *chosen;      /* [N, words] bit set of the entries a query selected, or NULL */
    long sequences, words;       /* words: enough 16-bit words for the entries of the longest sequence */
    int heads, dim, rotated, ratio, window, topk, quantise;
    float eps;
} Shape;

#include "attention_products.h"
#include "attention_rows.h"
#include "attention_linear.h"
#include "attention_latents.h"
#include "attention_pool.h"
#include "attention_core.h"
#include "attention_index.h"
