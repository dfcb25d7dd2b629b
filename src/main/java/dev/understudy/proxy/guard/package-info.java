/**
 * Guards of routes with a memory: request rates, requests in flight, and users with passwords. The
 * state is bounded, per process, shared by both lanes, and survives a reload that does not change
 * the filter.
 *
 * <p>Deliberately absent: filters' names and order, which are of {@code proxy.route}; responses,
 * which the lanes send. Spring Security's bcrypt is all of Spring that is used.
 */
@NullMarked
package dev.understudy.proxy.guard;

import org.jspecify.annotations.NullMarked;
