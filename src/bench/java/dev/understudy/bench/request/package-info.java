/** The cost and the latency of requests. */
@NullMarked
package dev.understudy.bench.request;

import org.jspecify.annotations.NullMarked;
