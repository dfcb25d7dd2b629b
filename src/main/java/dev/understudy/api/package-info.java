/**
 * The public surface of our Java: {@link dev.understudy.api.HealthCheck}, for jars of the directory
 * of extensions. A version that removes something from this package, or that demands more of
 * extensions, has another major number. All other packages are our own, and change with any
 * version.
 *
 * <p>Filters and predicates of extensions need nothing from this package: they use Spring Cloud
 * Gateway's API.
 */
@NullMarked
package dev.understudy.api;

import org.jspecify.annotations.NullMarked;
