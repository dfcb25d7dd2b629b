/**
 * The routes of the dynamic file, compiled once into an immutable table in which requests are
 * looked up by host, then by path: the cost is the same with one route and with ten thousand.
 *
 * <p>Deliberately absent: Spring, Reactor, channels, and the use of the route that was found.
 */
@NullMarked
package dev.understudy.proxy.route;

import org.jspecify.annotations.NullMarked;
