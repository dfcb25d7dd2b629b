package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent on one HTTP/2 stream and nobody has read, of a request's body or for a
 * tunnel, and whether more is wanted. The connection counts the bytes.
 */
final class Http2UnreadBody {
  private final Http2ClientConnection connection;

  /** Created on first use: most requests have no body. */
  private @Nullable ArrayDeque<ByteBuf> pieces;

  /** The trailers behind the pieces; null until the end has come, and once it is taken. */
  private @Nullable HttpHeaders end;

  private boolean wanted;

  Http2UnreadBody(Http2ClientConnection connection) {
    this.connection = connection;
  }

  /** Notes that more is asked for. */
  void want() {
    wanted = true;
  }

  /** Notes the arrival of what was asked for. */
  void arrived() {
    wanted = false;
  }

  /** Whether more was asked for and has not arrived. */
  boolean isWanted() {
    return wanted;
  }

  /** Adds a piece. Retains it. */
  void add(ByteBuf data) {
    if (pieces == null) {
      pieces = new ArrayDeque<>(2);
    }
    pieces.add(data.retain());
    connection.unread(data.readableBytes());
  }

  /** Adds the end. */
  void end(HttpHeaders trailers) {
    end = trailers;
  }

  boolean hasPieces() {
    return pieces != null && !pieces.isEmpty();
  }

  boolean hasEnd() {
    return end != null;
  }

  /** Takes the oldest piece; null if there is none. Gives the reference away. */
  @Nullable ByteBuf next() {
    ByteBuf data = pieces == null ? null : pieces.poll();
    if (data != null) {
      connection.unread(-data.readableBytes());
    }
    return data;
  }

  /** Takes the end; null if it has not come. */
  @Nullable HttpHeaders takeEnd() {
    HttpHeaders taken = end;
    end = null;
    return taken;
  }

  /** Releases all pieces, and forgets the end. Returns how many bytes they had. */
  int release() {
    end = null;
    int bytes = 0;
    for (ByteBuf data = next(); data != null; data = next()) {
      bytes += data.readableBytes();
      data.release();
    }
    return bytes;
  }
}
