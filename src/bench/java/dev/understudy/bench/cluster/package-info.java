/** {@code cluster}: the Gateway API with many objects. */
@NullMarked
package dev.understudy.bench.cluster;

import org.jspecify.annotations.NullMarked;
