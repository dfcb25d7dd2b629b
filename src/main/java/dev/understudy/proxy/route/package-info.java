/**
 * The routes of the dynamic file, compiled once into an immutable table that a request is looked up
 * in: by host, then by path, so that one route costs it what ten thousand do.
 *
 * <p>Deliberately absent: Spring, Reactor, channels, and what is done with the route that was
 * found.
 */
@NullMarked
package dev.understudy.proxy.route;

import org.jspecify.annotations.NullMarked;
