package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** Options of HAProxy's log become the access log's form, which is a static setting. */
@Tag(Extent.SLOW)
class ImportedAccessLogTest {
  @Rows(
      """
      # an option names the form of lines
      option httplog | EXACT && setting understudy.access-log=haproxy && report --understudy.access-log=haproxy
      option tcplog | EXACT && setting understudy.access-log=haproxy && report --understudy.access-log=haproxy
      option httpslog | APPROXIMATED && setting understudy.access-log=haproxy && report --understudy.access-log=haproxy
      option httplog clf | APPROXIMATED && setting understudy.access-log=plain && report --understudy.access-log=plain
      # an option of the defaults counts as well
      defaults ; option httplog ; mode http ; listen web ; bind :80 ; server a 127.0.0.1:81 | setting understudy.access-log=haproxy
      # an option that is turned off asks for no log
      defaults ; option httplog ; mode http ; listen web ; bind :80 ; server a 127.0.0.1:81 ; no option httplog | setting no understudy.access-log
      # fields of a log format need lines that have them
      > option httplog ; log-format "%ci %sslv" | APPROXIMATED && setting understudy.access-log=plain
      # captured header fields are in HAProxy's lines, and cookies are not
      option httplog ; > capture request header Host len 40 ; capture cookie SESSION len 20 | EXACT && setting understudy.access-log=haproxy
      option httplog ; capture request header Host len 40 ; capture cookie SESSION len 20 | APPROXIMATED
      """)
  void a_line(String lines, String expected) {
    ImportRow.check(lines, expected);
  }
}
