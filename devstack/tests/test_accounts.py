from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from devstack.accounts import can_reach, prepare_folder, server_account
from devstack.errors import DevstackError


@pytest.mark.skipif(os.geteuid() == 0, reason="for normal users")
def test_a_normal_user_runs_servers_as_itself_where_it_wishes(tmp_path: Path):
    assert server_account("postgres") is None
    assert prepare_folder(tmp_path / "pg", None) == tmp_path / "pg"


@pytest.mark.skipif(os.geteuid() != 0, reason="for root")
class TestUnderRoot:
    def test_the_preferred_user_is_taken_else_nobody(self):
        assert server_account("no-such-user").name == "nobody"
        assert server_account("no-such-user", "daemon").name == "daemon"

    def test_a_folder_that_the_user_cannot_walk_to_is_replaced_by_one_it_can(self, tmp_path):
        account = server_account()
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o700)

        folder = prepare_folder(locked / "pg", account)
        again = prepare_folder(locked / "pg", account)
        try:
            assert folder == again
            assert not folder.is_relative_to(locked)
            assert can_reach(folder, account)
            assert folder.stat().st_uid == account.uid
            assert folder.stat().st_mode & 0o777 == 0o700
        finally:
            folder.rmdir()

    def test_a_folder_that_the_user_can_walk_to_is_kept(self):
        account = server_account()
        with tempfile.TemporaryDirectory(dir="/tmp") as name:
            Path(name).chmod(0o711)

            assert prepare_folder(Path(name) / "pg", account) == Path(name) / "pg"

    def test_a_link_that_somebody_laid_in_the_way_is_refused(self):
        account = server_account()
        with tempfile.TemporaryDirectory(dir="/tmp") as name:
            Path(name).chmod(0o711)
            (Path(name) / "pg").symlink_to("/etc")

            with pytest.raises(DevstackError, match="belongs to somebody else"):
                prepare_folder(Path(name) / "pg", account)

        assert Path("/etc").stat().st_uid == 0
