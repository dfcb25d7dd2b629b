package dev.understudy.proxy.front.http2;

/**
 * Whose turn it is on one HTTP/2 stream, which brings one request.
 *
 * <table>
 *   <caption>Turn, event, next turn</caption>
 *   <tr><td>WAITING for the request's head</td><td>head, of a compiled route or to be refused</td>
 *       <td>EXPRESS</td></tr>
 *   <tr><td></td><td>any other head</td><td>GATEWAY</td></tr>
 *   <tr><td></td><td>too many connections</td><td>OVER</td></tr>
 *   <tr><td>EXPRESS: the engine has it, or it is answered here</td>
 *       <td>answered, and the request has ended; reset</td><td>OVER</td></tr>
 *   <tr><td></td><td>answered, and it has not</td><td>LEFTOVER</td></tr>
 *   <tr><td>GATEWAY: everything passes</td><td>reset</td><td>OVER</td></tr>
 *   <tr><td>LEFTOVER: answered, the rest of the request is dropped</td>
 *       <td>its end; too much of it, or too slow</td><td>OVER</td></tr>
 *   <tr><td>OVER: what is left is written; the stream closes by itself</td><td></td><td></td></tr>
 * </table>
 */
enum Http2Turn {
  WAITING,
  EXPRESS,
  GATEWAY,
  LEFTOVER,
  OVER
}
