/**
 * What of our Java is public surface: {@link dev.understudy.api.HealthCheck}, for jars of the
 * directory of extensions. A version that takes something from this package, or adds what
 * extensions must do, has another major number; all other packages are our own, and change with any
 * version.
 *
 * <p>Filters and predicates of extensions need nothing of it: they use Spring Cloud Gateway's API.
 */
@NullMarked
package dev.understudy.api;

import org.jspecify.annotations.NullMarked;
