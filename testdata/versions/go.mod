// A module of its own keeps the archives out of what users of authgen download.
module github.com/authgen/authgen/testdata/versions

go 1.26.0
