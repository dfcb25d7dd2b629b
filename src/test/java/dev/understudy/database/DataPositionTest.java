package dev.understudy.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DataPositionTest {
  private static final String ONE = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  private static final String TWO = "3e11fa47-71ca-11e1-9e33-c80aa9429563";

  // Both in the stored form, with "A" and "B" for UUIDs; what the first lacks, "-" if the two
  // cannot
  // be compared.
  @Rows(
      """
      the same position lacks nothing               | wal 0/3000060          | wal 0/3000060          | 0
      a standby lacks what it has not received      | wal 0/3000060          | wal 0/3000148          | 232
      what it has not replayed is not lacking       | wal 0/3000148 0/100    | wal 0/3000148          | 0
      a standby that is ahead lacks nothing         | wal 0/3000148          | wal 0/3000060          | 0
      the halves of a position are one number       | wal 0/FFFFFFFF         | wal 1/0                | 1
      the greatest position is one                  | wal 0/0                | wal 7FFFFFF/FFFFFFFF   | 576460752303423487
      an offset lacks bytes of the same stream      | offset a 100           | offset a 350           | 250
      offsets of two streams cannot be compared     | offset a 100           | offset b 350           | -
      no kind can be compared with another          | offset a 100           | wal 0/1                | -
      a set lacks what is in none of its intervals  | gtid A:1-5             | gtid A:1-7             | 2
      a gap is lacking                              | gtid A:1-5:8-10        | gtid A:1-10            | 2
      intervals that touch are one                  | gtid A:1-5:6-10        | gtid A:1-10            | 0
      a source of which it has nothing is lacking   | gtid A:1-5             | gtid A:1-5,B:1-3       | 3
      a source of its own is not compared           | gtid A:1-5,B:1-9       | gtid A:1-6             | 1
      a tag is a source of its own                  | gtid A:1-5             | gtid A:1-5:tag:1-2     | 2
      transactions without a tag come after one     | gtid A:tag:1           | gtid A:1               | 1
      MariaDB counts in each domain, whoever wrote  | gtid 0-1-270           | gtid 0-2-275           | 5
      two domains add up                            | gtid 0-1-270,1-1-1     | gtid 0-1-271,1-1-3     | 3
      """)
  void a_position_lacks_what_another_has(String says, String one, String other, String lacks) {
    assertThat(position(one).lacks(position(other)))
        .isEqualTo(
            lacks.equals("-") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(lacks)));
  }

  private static DataPosition position(String text) {
    DataPosition position =
        DataPosition.ofStored(text.replace("A:", ONE + ":").replace("B:", TWO + ":"));
    assertThat(position).as(text).isNotNull();
    assertThat(DataPosition.ofStored(position.stored())).isEqualTo(position);
    return position;
  }

  @Rows(
      """
      nothing                             | ``
      another kind                        | lsn 0/1
      a position without its slash        | wal 100
      a half that is too long             | wal 0/100000000
      a position beyond 63 bits           | wal 80000000/0
      lower case                          | wal 0/3000a60
      an offset without its stream        | offset 100
      an offset that is negative          | offset a -1
      an offset beyond 18 digits          | offset a 1000000000000000000
      a set without transactions          | gtid A
      a set with an end that is none      | gtid A:1-5:
      a set with a name for a UUID        | gtid shop:1-5
      a number beyond 18 digits           | gtid A:1-1000000000000000000
      a domain beyond 10 digits           | gtid 10000000000-1-1
      a list with an end that is none     | gtid 0-1-5,
      """)
  void what_is_no_position_is_not_known(String says, String text) {
    assertThat(DataPosition.ofStored(text.replace("A", ONE))).isNull();
  }

  @Rows(
      """
      upper case and line feeds are as lower case and none | ` A:1-5, B:1 `  | gtid A:1-5,B:1
      an empty text is none                                | ``              | -
      """)
  void a_set_is_kept_in_one_form(String says, String said, String stored) {
    String text = said.replace("A", ONE.toUpperCase(Locale.ROOT)).replace("B", "\n" + TWO);
    assertThat(GtidSet.stored(text))
        .isEqualTo(stored.equals("-") ? null : stored.replace("A", ONE).replace("B", TWO));
  }

  @Test
  void a_set_of_more_characters_than_are_asked_for_is_not_known() {
    String most = "0-1-5" + ",0-1-5".repeat((DataPosition.MAX_TEXT - 5) / 6);
    assertThat(GtidSet.stored(most)).isNotNull();
    assertThat(GtidSet.stored(most + ",0-1-5")).isNull();
  }
}
