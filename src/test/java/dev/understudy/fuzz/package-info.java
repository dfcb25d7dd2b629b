/**
 * Random and damaged traffic against the whole proxy. A seed makes a script of one client's
 * connection; strict readers of our own judge what the server, the client and the proxy's counters
 * saw of it.
 */
package dev.understudy.fuzz;
