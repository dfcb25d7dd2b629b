/** async-profiler on a running JVM. */
@NullMarked
package dev.understudy.bench.profile;

import org.jspecify.annotations.NullMarked;
