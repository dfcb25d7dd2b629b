package dev.understudy.proxy.frontend.http2;

/**
 * The state of one HTTP/2 stream, which carries one request.
 *
 * <table>
 *   <caption>State, event, next state</caption>
 *   <tr><td>WAITING for the request's head</td><td>head of a compiled route, or to be refused</td>
 *       <td>EXPRESS</td></tr>
 *   <tr><td></td><td>any other head</td><td>GATEWAY</td></tr>
 *   <tr><td></td><td>too many connections</td><td>OVER</td></tr>
 *   <tr><td>EXPRESS: the engine forwards the request, or it gets a local response</td>
 *       <td>response written, request complete; reset</td><td>OVER</td></tr>
 *   <tr><td></td><td>response written, request incomplete</td><td>REMAINING_BODY</td></tr>
 *   <tr><td>GATEWAY: all messages pass to Reactor Netty</td>
 *       <td>response written, request complete; reset</td><td>OVER</td></tr>
 *   <tr><td></td><td>response written, request incomplete</td><td>REMAINING_BODY</td></tr>
 *   <tr><td>REMAINING_BODY: response written, the remaining body is dropped</td>
 *       <td>its end; remaining body too large, or too slow</td><td>OVER</td></tr>
 *   <tr><td>TUNNEL: a WebSocket owns the stream (RFC 8441), from EXPRESS or GATEWAY</td>
 *       <td>end of the stream</td><td></td></tr>
 *   <tr><td>OVER: queued frames are written, then the stream closes by itself</td><td></td>
 *       <td></td></tr>
 * </table>
 */
enum Http2StreamState {
  WAITING,
  EXPRESS,
  GATEWAY,
  REMAINING_BODY,
  TUNNEL,
  OVER
}
