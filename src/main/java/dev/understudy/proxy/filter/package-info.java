/**
 * Filters: one file for each, with its arguments and its effect on a request or a response, the
 * same in both lanes. {@code FilterTable} lists them; {@code RouteRequest} runs them.
 *
 * <p>Deliberately absent: lanes, routes, Spring, Reactor and channels.
 */
@NullMarked
package dev.understudy.proxy.filter;

import org.jspecify.annotations.NullMarked;
