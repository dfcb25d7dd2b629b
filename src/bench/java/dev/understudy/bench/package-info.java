/**
 * Benchmarks: Understudy in turn with its peers, before the same server, in the same run.
 *
 * <p>Every figure is a ratio to a peer that was measured in the same minute; figures of different
 * runs are not comparable.
 */
@NullMarked
package dev.understudy.bench;

import org.jspecify.annotations.NullMarked;
