/**
 * The embedded demo: a master and a backup that can be killed, frozen and restored, a page that
 * shows the effect on users, and the gateway file for them.
 *
 * <p>Deliberately absent: any class of Understudy's other packages. To the proxy these are ordinary
 * servers on real sockets.
 */
@NullMarked
package dev.understudy.demo;

import org.jspecify.annotations.NullMarked;
