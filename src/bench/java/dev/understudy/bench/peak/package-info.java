/** How long after a start, or an upgrade, a request costs what it costs for good. */
@NullMarked
package dev.understudy.bench.peak;

import org.jspecify.annotations.NullMarked;
