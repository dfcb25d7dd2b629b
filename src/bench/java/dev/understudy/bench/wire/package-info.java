/** As much HTTP as the load generator and the origin need, and no more. */
@NullMarked
package dev.understudy.bench.wire;

import org.jspecify.annotations.NullMarked;
