/**
 * The bounds of the management port: its connections, the parts of their requests, the bytes that
 * wait for their clients, and fair shares of its limits.
 *
 * <p>Deliberately absent: what the port serves.
 */
@NullMarked
package dev.understudy.admin.port;

import org.jspecify.annotations.NullMarked;
