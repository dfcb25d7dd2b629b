/**
 * The embedded demo: a master and a backup that can be killed, frozen and restored, the page that
 * shows what their users notice of it, and the gateway file for them.
 *
 * <p>Deliberately absent: any class of ours. To the proxy these are servers as any other, on real
 * sockets.
 */
@NullMarked
package dev.understudy.demo;

import org.jspecify.annotations.NullMarked;
