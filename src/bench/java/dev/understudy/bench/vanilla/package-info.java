/** Spring Cloud Gateway as it comes. */
@NullMarked
package dev.understudy.bench.vanilla;

import org.jspecify.annotations.NullMarked;
