/** The part of HTTP that the load generator and the origin need. */
@NullMarked
package dev.understudy.bench.wire;

import org.jspecify.annotations.NullMarked;
