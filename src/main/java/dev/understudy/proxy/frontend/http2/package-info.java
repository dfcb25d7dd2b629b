/**
 * Client connections and streams over HTTP/2, for both lanes; the counterpart of {@code
 * proxy.frontend.http1}.
 *
 * <p>Deliberately absent: HTTP/2 to servers, in {@code proxy.upstream}.
 */
@NullMarked
package dev.understudy.proxy.frontend.http2;

import org.jspecify.annotations.NullMarked;
