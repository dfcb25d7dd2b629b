/** Single methods of the hot path, by JMH. */
@NullMarked
package dev.understudy.bench.jmh;

import org.jspecify.annotations.NullMarked;
