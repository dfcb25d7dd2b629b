/**
 * The language of conditions and of values from the request: expressions such as {@code
 * path-prefix(/admin) and not client-address(10.0.0.0/8)}, and texts such as {@code
 * https://{host}{path}}, parsed once and evaluated on {@link dev.understudy.condition.Facts}.
 *
 * <p>Deliberately absent: Netty, Spring, and expressions that take more than linear time.
 */
@NullMarked
package dev.understudy.condition;

import org.jspecify.annotations.NullMarked;
