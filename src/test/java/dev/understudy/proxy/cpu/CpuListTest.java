package dev.understudy.proxy.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuListTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0           | {0}",
        "0-1         | {0, 1}",
        "3,5         | {3, 5}",
        "0-2,7,9-10  | {0, 1, 2, 7, 9, 10}",
        "1023,8191   | {1023, 8191}",
      })
  void ranges_and_single_cpus_are_read(String list, String cpus) {
    assertThat(CpuList.parse("\t" + list + "\n")).hasToString(cpus);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "none", "3-1", "-1", "0,,1", "8192", "99999999999"})
  void anything_else_is_refused(String list) {
    assertThatThrownBy(() -> CpuList.parse(list)).isInstanceOf(IllegalArgumentException.class);
  }
}
