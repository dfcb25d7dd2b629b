/**
 * The bodies of error responses: templates of HTML and JSON, the built-in ones and the operator's,
 * in one immutable table by pool and status.
 *
 * <p>Deliberately absent: files, which {@code config} reads; the choice of a status, which {@code
 * proxy} and the lanes make.
 */
@NullMarked
package dev.understudy.proxy.errorpage;

import org.jspecify.annotations.NullMarked;
